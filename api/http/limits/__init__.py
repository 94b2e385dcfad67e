"""What a client may send at a time: bytes of a body, requests in a minute."""
