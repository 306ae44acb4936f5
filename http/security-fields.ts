/**
 * The fields of every answer that is no page: a browser that is led to it takes it for nothing else, runs nothing in it, and shows it in no frame
 * (OWASP, REST Security Cheat Sheet, "Security Headers"). HSTS is for who ends TLS, as it binds the whole host name (RFC 6797).
 */
export const SECURITY_FIELDS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'"
} as const

/** The fields of what is true just now and for this request alone: problems, health, figures. */
export const NOT_STORED = { 'cache-control': 'no-store', ...SECURITY_FIELDS } as const
