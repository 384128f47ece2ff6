import { createGuard } from '@latchkey/guard';
import { expressGuard } from '@latchkey/guard/express';
import express from 'express';

const BOOKS = new Map([
  ['1', 'The Trial'],
  ['2', 'The Castle'],
]);

/** Each book is an identifier of the resource `book`: a token for `book`, `book:*:read` or `book:1:read` opens book 1. */
export function createApp({ issuer, audience }) {
  const { requireScope } = expressGuard(createGuard({ issuer, audience }));
  const app = express().disable('x-powered-by');

  app.get('/books', requireScope('book:read'), (_request, response) => {
    response.json([...BOOKS].map(([id, title]) => ({ id, title })));
  });

  app.get(
    '/books/:id',
    requireScope(({ params }) => `book:${params.id}:read`),
    ({ params: { id }, auth }, response) => {
      const title = BOOKS.get(id);
      if (title === undefined) response.status(404).json({ error: 'not_found' });
      else response.json({ id, title, reader: auth.clientId });
    },
  );

  return app;
}
