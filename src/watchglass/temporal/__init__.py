"""The one room that speaks gRPC to Temporal: connections, history pages, visibility, describe."""
