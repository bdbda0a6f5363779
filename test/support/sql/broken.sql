-- The second line fails.
SELECT * FROM nowhere;
