"""What can be wrong with a graph, a file for each kind of thing. All pure; `builder.validate` asks them all."""
