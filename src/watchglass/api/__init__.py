"""The door for programs and the page: procedures, the wire protocol over them, and the static page."""
