"""Discovers the issuer, then gets, introspects, refreshes and revokes tokens with requests-oauthlib."""

import json
import sys

import requests
from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

issuer, audience = sys.argv[1:3]
client_id, client_secret = json.load(sys.stdin)
auth = HTTPBasicAuth(client_id, client_secret)
server = requests.get(issuer + ".well-known/oauth-authorization-server").json()
assert server["issuer"] == issuer, server


def introspect(token):
    return requests.post(server["introspection_endpoint"], data={"token": token}, auth=auth).json()


def session():
    return OAuth2Session(client=BackendApplicationClient(client_id=client_id, scope=["book:1:read"]))


for credentials in ({"auth": auth}, {"client_secret": client_secret, "include_client_id": True}):
    oauth = session()
    token = oauth.fetch_token(server["token_endpoint"], audience=audience, **credentials)
    assert token["token_type"] == "Bearer" and token["expires_in"] == 3600, "answer"
    assert token["scope"] == ["book:1:read"], token["scope"]
    assert introspect(token["access_token"])["active"] is True
    fresh = oauth.refresh_token(server["token_endpoint"], refresh_token=token["refresh_token"], auth=auth)
    assert fresh["access_token"] != token["access_token"]
    assert introspect(fresh["access_token"])["active"] is True
    revoked = requests.post(server["revocation_endpoint"], data={"token": fresh["refresh_token"]}, auth=auth)
    assert revoked.status_code == 200 and revoked.json() == {}
    assert introspect(fresh["access_token"]) == {"active": False}

try:
    session().fetch_token(server["token_endpoint"], auth=HTTPBasicAuth(client_id, "not this one"))
    raise AssertionError("a wrong secret was taken")
except OAuth2Error as error:
    assert error.error == "invalid_client" and error.status_code == 401, error

print("done")
