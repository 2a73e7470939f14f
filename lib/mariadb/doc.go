// Package mariadb asks servers of MariaDB, MySQL and Percona. It is the only
// package that imports the driver.
package mariadb
