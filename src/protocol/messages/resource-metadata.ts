/** Metadata of a protected resource (RFC 9728 2). */
export interface ResourceMetadata {
  resource: string;
  authorization_servers: string[];
  bearer_methods_supported: ['header'];
  resource_name?: string;
  scopes_supported?: string[];
}
