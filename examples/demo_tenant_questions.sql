SELECT ask('total revenue in 2024');
SELECT ask('how many holdings are there per sector');
