import { createApp } from './app.js';

const { ISSUER: issuer, AUDIENCE: audience = 'urn:library', PORT = '7003', HOST = '127.0.0.1' } = process.env;
if (!issuer) {
  console.error('ISSUER: is required, for example http://localhost:8080/');
  process.exit(1);
}

const server = createApp({ issuer, audience }).listen(Number(PORT), HOST, (error) => {
  if (error) {
    console.error(`The library cannot open: ${error.message}`);
    process.exit(1);
  }
  console.log(`The library is open at http://localhost:${server.address().port}`);
});
