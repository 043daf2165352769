-- One row per sender domain and route.
SELECT sender_domain, route AS provider,
  CAST(SUM(attempts) AS BIGINT) AS attempts,
  CAST(SUM(messages) AS BIGINT) AS messages,
  CAST(SUM(outcomes) AS BIGINT) AS outcomes,
  CAST(SUM(CASE WHEN state = 'delivered' THEN outcomes ELSE 0 END) AS BIGINT) AS delivered,
  CAST(SUM(CASE WHEN state = 'bounced_later' THEN outcomes ELSE 0 END) AS BIGINT) AS bounced_later,
  CAST(SUM(CASE WHEN state = 'bounced' THEN outcomes ELSE 0 END) AS BIGINT) AS bounced,
  CAST(SUM(CASE WHEN state = 'blocked' THEN outcomes ELSE 0 END) AS BIGINT) AS blocked,
  CAST(SUM(CASE WHEN state = 'expired' THEN outcomes ELSE 0 END) AS BIGINT) AS expired,
  CAST(SUM(CASE WHEN state = 'deferred' THEN outcomes ELSE 0 END) AS BIGINT) AS deferred,
  CAST(SUM(CASE WHEN state = 'queued' THEN outcomes ELSE 0 END) AS BIGINT) AS queued,
  CAST(SUM(CASE WHEN state = 'cancelled' THEN outcomes ELSE 0 END) AS BIGINT) AS cancelled,
  CAST(SUM(CASE WHEN state = 'unknown' THEN outcomes ELSE 0 END) AS BIGINT) AS unknown,
  CAST(SUM(deferred_once) AS BIGINT) AS deferred_once,
  CAST(SUM(attempted) AS BIGINT) AS attempted,
  CAST(SUM(CASE WHEN state = 'blocked' OR (state = 'expired' AND class = 'policy') THEN outcomes ELSE 0 END) AS BIGINT) AS lost_to_blocks,
  CAST(SUM(CASE WHEN state IN ('bounced_later', 'blocked', 'bounced', 'expired') AND class = 'hard' THEN outcomes ELSE 0 END) AS BIGINT) AS hard,
  CAST(SUM(forwarded) AS BIGINT) AS forwarded,
  CAST(SUM(complained) AS BIGINT) AS complained
FROM outcome_senders
GROUP BY sender_domain, route
ORDER BY outcomes DESC, sender_domain, provider
