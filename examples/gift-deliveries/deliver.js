import { createTokenSource } from './access-token.js';
import { readSettings } from './settings.js';
import { getDirections } from './world-mappers.js';

const [, , ...asked] = process.argv;
const destinations = asked.length > 0 ? asked : ['10 Main Street, Bellevue'];

try {
  const settings = readSettings(process.env);
  const accessToken = createTokenSource(settings);
  for (const destination of destinations) {
    const steps = await getDirections(settings, await accessToken(), destination);
    console.log(`Directions to ${destination}:`);
    for (const { step, action } of steps) console.log(`  ${step}. ${action}`);
  }
} catch (error) {
  // fetch tells why it failed by the cause alone.
  console.error([error.message, error.cause?.code].filter(Boolean).join(': '));
  process.exitCode = 1;
}
