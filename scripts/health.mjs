const { PORT: port = '8080', LATCHKEY_TLS_CERT: certificate } = process.env;

// The certificate names the public host, but this connects over loopback, where no third party can intercept.
if (certificate) process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';

try {
  const answer = await fetch(`${certificate ? 'https' : 'http'}://127.0.0.1:${port.trim()}/health/ready`);
  process.exitCode = answer.status === 200 ? 0 : 1;
} catch {
  process.exitCode = 1;
}
