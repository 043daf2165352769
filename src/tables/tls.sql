-- One row per route, source, network protocol and TLS version.
SELECT route AS provider, source, network, tls,
  CAST(SUM(attempts) AS BIGINT) AS attempts,
  CAST(SUM(delivered) AS BIGINT) AS delivered
FROM attempt_channels
GROUP BY route, source, network, tls
ORDER BY provider, source, network, tls
