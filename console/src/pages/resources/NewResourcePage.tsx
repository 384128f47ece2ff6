import { NewDocument } from '../documents/NewDocument.tsx';

const EXAMPLE = `name: Books
audience: https://books.example
operations:
  - {name: read, description: Read a book}
  - {name: write, description: Change a book}
`;

export const NewResourcePage = () => (
  <NewDocument
    kind="Resource"
    title="New resource"
    about="An API: the audience of the tokens for it, and the operations that policies can permit."
    example={EXAMPLE}
  />
);
