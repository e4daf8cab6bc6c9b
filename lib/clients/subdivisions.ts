/** ISO 3166-2 subdivisions as `code:name`, for the countries whose addresses need one. */
const SUBDIVISIONS: Readonly<Record<string, string>> = {
  AU: 'ACT:Australian Capital Territory|NSW:New South Wales|NT:Northern Territory|QLD:Queensland|SA:South Australia|TAS:Tasmania|VIC:Victoria|WA:Western Australia',
  CA: 'AB:Alberta|BC:British Columbia|MB:Manitoba|NB:New Brunswick|NL:Newfoundland and Labrador|NS:Nova Scotia|NT:Northwest Territories|NU:Nunavut|ON:Ontario|PE:Prince Edward Island|QC:Quebec|SK:Saskatchewan|YT:Yukon',
  US: 'AL:Alabama|AK:Alaska|AZ:Arizona|AR:Arkansas|CA:California|CO:Colorado|CT:Connecticut|DE:Delaware|DC:District of Columbia|FL:Florida|GA:Georgia|HI:Hawaii|ID:Idaho|IL:Illinois|IN:Indiana|IA:Iowa|KS:Kansas|KY:Kentucky|LA:Louisiana|ME:Maine|MD:Maryland|MA:Massachusetts|MI:Michigan|MN:Minnesota|MS:Mississippi|MO:Missouri|MT:Montana|NE:Nebraska|NV:Nevada|NH:New Hampshire|NJ:New Jersey|NM:New Mexico|NY:New York|NC:North Carolina|ND:North Dakota|OH:Ohio|OK:Oklahoma|OR:Oregon|PA:Pennsylvania|RI:Rhode Island|SC:South Carolina|SD:South Dakota|TN:Tennessee|TX:Texas|UT:Utah|VT:Vermont|VA:Virginia|WA:Washington|WV:West Virginia|WI:Wisconsin|WY:Wyoming|AS:American Samoa|GU:Guam|MP:Northern Mariana Islands|PR:Puerto Rico|UM:United States Minor Outlying Islands|VI:U.S. Virgin Islands|AA:Armed Forces Americas|AE:Armed Forces Europe|AP:Armed Forces Pacific',
};

/** Whether the subdivisions of a country are listed. */
export function isListed(country: string): boolean {
  return Object.hasOwn(SUBDIVISIONS, country);
}

/** The subdivisions of a country, ordered by code; none if they are not listed. */
export function subdivisionsOf(country: string): { code: string; name: string }[] {
  const entries = SUBDIVISIONS[country]?.split('|') ?? [];
  const subdivisions = entries.map((entry) => {
    const [code = '', name = ''] = entry.split(':');
    return { code, name };
  });
  return subdivisions.sort((a, b) => (a.code < b.code ? -1 : 1));
}

function fold(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim();
}

/**
 * Whether a country has a state or province with this code (`CA`, `US-CA`) or name; undefined for a country without a
 * list.
 */
export function isSubdivision(country: string, state: string): boolean | undefined {
  const list = SUBDIVISIONS[country];
  if (list === undefined) return undefined;
  const folded = fold(state);
  return list.split('|').some((entry) => {
    const [code = '', name = ''] = fold(entry).split(':');
    return folded === code || folded === `${country.toLowerCase()}-${code}` || folded === name;
  });
}
