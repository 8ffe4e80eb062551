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

static inline int lw_ssl_ctx_require_tls12(SSL_CTX *context) {
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}

static inline void lw_ssl_ctx_forbid_compression_and_renegotiation(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
}

static inline void lw_ssl_ctx_set_mode(SSL_CTX *context, long mode) { SSL_CTX_set_mode(context, mode); }

static inline void lw_ssl_ctx_set_session_cache_mode(SSL_CTX *context, long mode) {
    SSL_CTX_set_session_cache_mode(context, mode);
}

static inline int lw_ssl_set_server_name(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, name);
}

// What a memory BIO holds: the bytes stay its own, and valid until it is touched again.
static inline long lw_bio_contents(BIO *bio, const void **bytes) { return BIO_get_mem_data(bio, (char **)bytes); }

static inline void lw_bio_empty(BIO *bio) { (void)BIO_reset(bio); }

static inline void lw_bio_end_when_empty(BIO *bio) { BIO_set_mem_eof_return(bio, 0); }
#endif
