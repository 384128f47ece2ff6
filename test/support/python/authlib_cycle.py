"""Discovers the issuer, then gets, verifies, introspects, refreshes and revokes tokens with Authlib."""

import json
import sys

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, JsonWebToken
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url

issuer, audience = sys.argv[1:3]
client_id, client_secret = json.load(sys.stdin)
server = AuthorizationServerMetadata(requests.get(get_well_known_url(issuer, external=True)).json())
for member in ("issuer", "token_endpoint", "jwks_uri", "response_types_supported", "revocation_endpoint"):
    getattr(server, "validate_" + member)()
keys = JsonWebKey.import_key_set(requests.get(server["jwks_uri"]).json())

for method in ("client_secret_basic", "client_secret_post"):
    session = OAuth2Session(
        client_id,
        client_secret,
        scope="book:1:read",
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
    )
    token = session.fetch_token(server["token_endpoint"], grant_type="client_credentials", audience=audience)
    assert token["scope"] == "book:1:read", token["scope"]
    required = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": audience}}
    claims = JsonWebToken(["RS256"]).decode(token["access_token"], keys, claims_options=required)
    claims.validate()
    assert claims["client_id"] == client_id
    answer = session.introspect_token(server["introspection_endpoint"], token=token["access_token"])
    assert answer.json()["active"] is True
    fresh = session.refresh_token(server["token_endpoint"], refresh_token=token["refresh_token"])
    assert fresh["access_token"] != token["access_token"]
    assert session.revoke_token(server["revocation_endpoint"], token=fresh["refresh_token"]).status_code == 200
    answer = session.introspect_token(server["introspection_endpoint"], token=fresh["access_token"])
    assert answer.json() == {"active": False}

print("done")
