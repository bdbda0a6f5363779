ALTER SYSTEM SET maintenance_work_mem = '33MB';
ALTER SYSTEM SET search_path = 'it''s', public;
