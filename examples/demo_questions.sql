SELECT ask('top 5 products by revenue');
SELECT ask('how many customers are there per state');
SELECT ask('monthly revenue in 2024');
SELECT ask('which distributor had the highest revenue in the last quarter of 2024');
SELECT ask('billed weight per warehouse name in 2024');
SELECT ask('share of revenue by zone in 2025');
