"""What a file is by its content: its type, and what can be learnt of an image, a document or a recording."""
