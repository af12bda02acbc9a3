"""What somebody uses who writes a contract: `npm run dataset -- check | try | new`. Needs landfall_jobs[authoring]."""
