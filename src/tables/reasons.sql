-- One row per provider, category and class. What has no reply in the log (given up with its head lost) is unclassified.
WITH failed AS (
  SELECT domain, state, COALESCE(category, 'unclassified') AS category, COALESCE(class, 'unknown') AS class, outcomes
  FROM outcome_domains
  WHERE state IN ('bounced_later', 'bounced', 'blocked', 'expired', 'deferred')
)
SELECT provider, category, class,
  CAST(SUM(outcomes) AS BIGINT) AS outcomes,
  CAST(SUM(CASE WHEN state = 'bounced_later' THEN outcomes ELSE 0 END) AS BIGINT) AS bounced_later,
  CAST(SUM(CASE WHEN state = 'bounced' THEN outcomes ELSE 0 END) AS BIGINT) AS bounced,
  CAST(SUM(CASE WHEN state = 'blocked' THEN outcomes ELSE 0 END) AS BIGINT) AS blocked,
  CAST(SUM(CASE WHEN state = 'expired' THEN outcomes ELSE 0 END) AS BIGINT) AS expired,
  CAST(SUM(CASE WHEN state = 'deferred' THEN outcomes ELSE 0 END) AS BIGINT) AS deferred
FROM failed JOIN domain_providers ON failed.domain = domain_providers.domain
GROUP BY provider, category, class
ORDER BY outcomes DESC, provider, category, class
