/** RFC 7662 2.2. An inactive token says nothing else. */
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
    };
