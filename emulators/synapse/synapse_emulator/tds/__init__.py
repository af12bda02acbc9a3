"""The wire: packets, login, requests, types and response tokens of TDS 7.4 (MS-TDS)."""
