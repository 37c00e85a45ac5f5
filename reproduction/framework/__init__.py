"""What every row is built from: the schema of rows and results, the schedule, verdicts and pages."""
