"""From a sample file to what a contract would say of it, each part with its evidence."""
