INSERT INTO steps (step) VALUES ('later 1');
