SELECT ask('top 5 products by revenue');
SELECT ask('how many customers are there per state');
SELECT ask('monthly revenue in 2024');
SELECT ask('which distributor sold the most in the last quarter of 2024');
SELECT ask('billed weight by warehouse in 2024');
SELECT ask('average discount per category in March 2025');
