import { Page } from '../../ui/Page.tsx';
import { AskAsClient } from './AskAsClient.tsx';
import { InspectToken } from './InspectToken.tsx';

export const TryPage = () => (
  <Page title="Try it" about="What a client would be granted and why, and what a token is worth.">
    <div className="columns">
      <AskAsClient />
      <InspectToken />
    </div>
  </Page>
);
