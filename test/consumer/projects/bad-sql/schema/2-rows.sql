-- This one is wrong:
INSERT INTO orders VALUES (1);
INSERT INTO odrers VALUES (2);
