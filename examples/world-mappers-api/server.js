import { createApp } from './app.js';
import { readSettings } from './settings.js';

const settings = readSettings(process.env);
const server = createApp(settings).listen(settings.port, settings.host, (error) => {
  if (error) throw error;
  console.log(`World Mappers API: http://localhost:${server.address().port}`);
});
