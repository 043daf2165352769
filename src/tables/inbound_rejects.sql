-- One row per day, host and code of our reply. The last two may be null, and are placed last.
SELECT day, host, code, enhanced, CAST(SUM(rejects) AS BIGINT) AS rejects
FROM inbound
GROUP BY day, host, code, enhanced
ORDER BY day, host, code NULLS LAST, enhanced NULLS LAST
