"""OpenID Connect: an issuer of the organisation vouches for who somebody is."""
