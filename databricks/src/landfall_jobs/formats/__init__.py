"""How landed files are written: a file a format, behind the interface in format.py; choose.py finds a contract's."""
