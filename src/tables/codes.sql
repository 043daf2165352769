-- One row per recipient domain, disposition, code and enhanced status. The last two may be null, and are placed last.
WITH counts AS (
  SELECT domain, code, enhanced, disposition, CAST(SUM(attempts) AS BIGINT) AS attempts
  FROM attempt_codes
  GROUP BY domain, code, enhanced, disposition
)
SELECT counts.domain AS domain, provider, code, enhanced, disposition, attempts
FROM counts JOIN domain_providers ON counts.domain = domain_providers.domain
ORDER BY attempts DESC, domain, disposition, code NULLS LAST, enhanced NULLS LAST
