#!/bin/sh
# Run once by the PostgreSQL image, on an empty volume: one user and one database for each side.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set pouce="$POUCE_DB_PASSWORD" --set mlflow="$MLFLOW_DB_PASSWORD" <<'SQL'
CREATE ROLE pouce LOGIN PASSWORD :'pouce';
CREATE ROLE mlflow LOGIN PASSWORD :'mlflow';
CREATE DATABASE pouce OWNER pouce TEMPLATE template0 ENCODING 'UTF8';
CREATE DATABASE mlflow OWNER mlflow TEMPLATE template0 ENCODING 'UTF8';
REVOKE CONNECT ON DATABASE pouce, mlflow FROM PUBLIC;
SQL
