// libpq as Swift sees it.
#ifndef LEADWIRE_CPOSTGRES_H
#define LEADWIRE_CPOSTGRES_H
#include <libpq-fe.h>
#endif
