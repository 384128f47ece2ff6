FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --include=dev --ignore-scripts --no-audit --no-fund
COPY tsconfig*.json ./
COPY scripts scripts
COPY packages/protocol packages/protocol
COPY migrations migrations
COPY docs/openapi.yaml docs/openapi.yaml
COPY console console
COPY src src
RUN npm run build

FROM node:22-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:22-bookworm-slim
ARG VERSION=0.2.0 REVISION=unknown CREATED=unknown
LABEL org.opencontainers.image.title="Latchkey" \
      org.opencontainers.image.description="A self-hosted OAuth 2.0 authorization server for machines" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED"
ENV NODE_ENV=production HOST=0.0.0.0 LATCHKEY_DATA_DIR=/data
WORKDIR /app
COPY package.json package-lock.json ./
COPY scripts scripts
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "scripts/health.mjs"]
CMD ["node", "--heap-growing-percent=30", "--no-allocation-site-pretenuring", "dist/server/main.js"]
