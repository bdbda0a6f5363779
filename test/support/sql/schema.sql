CREATE TABLE steps (
  id serial,
  step text,
  by_user text DEFAULT current_user,
  in_database text DEFAULT current_database()
);
INSERT INTO steps (step) VALUES ('schema');
