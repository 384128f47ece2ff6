export * from './mariadb.mjs';
