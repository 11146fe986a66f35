-- Run once, by the image, when the data folder is empty. Two roles: one owns the tables and is used by `migrate` alone,
-- one works in them and owns nothing.
\getenv owner_password OWNER_PASSWORD
\getenv application_password APPLICATION_PASSWORD
create role conferences_owner login nosuperuser nocreatedb nocreaterole password :'owner_password';
create role conferences login nosuperuser nocreatedb nocreaterole password :'application_password';
alter database conferences owner to conferences_owner;
revoke all on database conferences from public;
grant connect on database conferences to conferences;
revoke create on schema public from public;
