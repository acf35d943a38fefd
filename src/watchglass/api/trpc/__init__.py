"""tRPC v11 over HTTP, written by hand: requests, answers, errors and the types for TypeScript."""
