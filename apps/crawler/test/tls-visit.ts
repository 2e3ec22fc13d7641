/** Fetches the URLs that it is given with the client of the engine `select`, and prints the outcomes: to be run with a certificate trusted. */
import { bySelect, settingsWith, short } from './http-clients.ts';

for (const url of process.argv.slice(2)) console.log(short(await bySelect(url, settingsWith())));
