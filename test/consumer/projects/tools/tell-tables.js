const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

/** Tells which tables the migrations have made, and which rows, as each node shows them. */
exports.tellTables = async (tool) => {
  const nodes = {};
  for (const node of pgCluster.nodes) {
    const tables = await node.query(
      "SELECT tablename FROM pg_tables WHERE tablename IN ('authors', 'books') ORDER BY 1",
    );
    const names = await node.query('SELECT name FROM authors ORDER BY 1');
    nodes[node.name] = [...tables.map((row) => row.tablename), ...names.map((row) => row.name)];
  }
  writeFileSync(join(__dirname, `told-${tool}.json`), JSON.stringify({ tool, nodes }));
};
