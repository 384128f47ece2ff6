import { defineConfig } from 'vite';

export default defineConfig({
  base: '/console/',
  build: {
    target: 'es2022',
    // The policy of the pages permits no inline script, style or font.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      // One file for all pages but the first: once it is there, they open at once, also while the server restarts.
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'pages',
              test: /console\/src\/pages\/(?!overview)/,
              includeDependenciesRecursively: false,
            },
          ],
        },
      },
      // 'use client' means nothing here, and every module of the component library begins with it.
      onLog: (level, log, report) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
      },
    },
  },
});
