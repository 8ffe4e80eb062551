// libcrypto and libssl as Swift sees them, and the macros that Swift cannot call.
#ifndef LEADWIRE_COPENSSL_H
#define LEADWIRE_COPENSSL_H
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#endif
