/** RFC 7662 2.2. The response to an inactive token has no other member. */
export type IntrospectionResponse =
  | { active: false }
  | {
      active: true;
      scope?: string;
      client_id: string;
      sub: string;
      aud: string | string[];
      iss: string;
      iat: number;
      exp: number;
      jti: string;
      /** Absent for a refresh token. */
      token_type?: 'Bearer';
      /** Of a token that a client got by an assertion of a trusted issuer. */
      federated?: { iss: string; sub: string; jti?: string };
      /** The scope items, for resources that ask for them. */
      permissions?: readonly string[];
    };
