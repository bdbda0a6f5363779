import { needBackground } from '../../engine/background';

needBackground('engine', 'installation');
