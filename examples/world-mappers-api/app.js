import express from 'express';
import { answerApiError, nothingHere } from './api-error.js';
import { requireScope, requireToken } from './bearer-token.js';

export function createApp(settings) {
  const app = express();
  app.disable('x-powered-by');
  app.use('/api', requireToken(settings));

  app.get('/api/location/geocode', requireScope('geocode:location'), (_request, response) => {
    response.json({ lat: 47.6178819, lng: -122.194041 });
  });

  app.get('/api/location/reverse-geocode', requireScope('reverse-geocode:location'), (_request, response) => {
    response.json({ street: '900 106th Avenue NE', city: 'Bellevue', state: 'Washington' });
  });

  app.get('/api/directions', requireScope('directions'), ({ query }, response) => {
    const destination = typeof query.destination === 'string' ? query.destination : 'your destination';
    response.json([
      { step: 1, action: 'Drive north on 106th Avenue NE' },
      { step: 2, action: 'Turn right onto NE 12th Street' },
      { step: 3, action: `Arrive at ${destination}` },
    ]);
  });

  app.use(nothingHere);
  app.use(answerApiError);
  return app;
}
