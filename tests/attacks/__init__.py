"""What hostile files and clients send, each with the answer that is expected."""
