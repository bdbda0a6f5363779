CREATE TABLE accounts AS SELECT 42 AS balance;
