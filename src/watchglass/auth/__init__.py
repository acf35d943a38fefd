"""Who is asking: sessions, one-time links and tokens. Secrets are stored as hashes alone."""
