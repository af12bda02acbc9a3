"""The entry point of `python -m landfall_jobs.authoring`."""

from landfall_jobs.authoring.cli import main

raise SystemExit(main())
